package identity

import (
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Managed is the App Service managed identity endpoint of one program
// (learn.microsoft.com/azure/app-service/overview-managed-identity, "REST endpoint reference").
type Managed struct {
	Key    *Key
	Tenant string
	// Secret is the program's IDENTITY_HEADER, ObjectID whom it stands for.
	Secret, ObjectID string

	mu       sync.Mutex
	failures int
	status   int
	asked    []string
}

// managedLife is long enough to be cached: azidentity asks again for tokens that live less than five minutes.
const managedLife = 24 * time.Hour

// Fail answers the next n calls with status.
func (m *Managed) Fail(n, status int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.failures, m.status = n, status
}

// Asked lists the resources that tokens were asked for, oldest first.
func (m *Managed) Asked() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.asked)
}

func (m *Managed) note(resource string) (status int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked = append(m.asked, resource)
	if m.failures > 0 {
		m.failures--
		return m.status
	}
	return http.StatusOK
}

// ServeHTTP answers GET IDENTITY_ENDPOINT?api-version=2019-08-01&resource=...
func (m *Managed) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	resource := r.URL.Query().Get("resource")
	if status := m.note(resource); status != http.StatusOK {
		refuseManaged(w, status, "injected")
		return
	}
	// Without the secret any web page or neighbour process could take the program's identity.
	given := r.Header.Get("X-IDENTITY-HEADER")
	if m.Secret == "" || subtle.ConstantTimeCompare([]byte(given), []byte(m.Secret)) != 1 {
		refuseManaged(w, http.StatusUnauthorized, "unknown IDENTITY_HEADER")
		return
	}
	if resource == "" || r.URL.Query().Get("api-version") != "2019-08-01" {
		refuseManaged(w, http.StatusBadRequest, "resource and api-version=2019-08-01 are required")
		return
	}
	token, expires := m.Token(resource)
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(map[string]string{"access_token": token, "expires_on": strconv.FormatInt(expires.Unix(), 10),
		"resource": resource, "token_type": "Bearer", "client_id": m.ObjectID})
}

func refuseManaged(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"statusCode": status, "message": message})
}

// Token returns a v1.0 access token of the identity for a resource such as https://storage.azure.com.
func (m *Managed) Token(resource string) (token string, expires time.Time) {
	now := time.Now()
	expires = now.Add(managedLife)
	return m.Key.Sign(Claims{"aud": resource, "iss": "https://sts.windows.net/" + m.Tenant + "/", "iat": now.Unix(),
		"nbf": now.Add(-5 * time.Minute).Unix(), "exp": expires.Unix(), "oid": m.ObjectID, "sub": m.ObjectID, "tid": m.Tenant,
		"idtyp": "app", "ver": "1.0"}), expires
}

// Verify checks a token of the identity for one of the resources and returns the object id and tenant in it.
func (m *Managed) Verify(token string, resources ...string) (oid, tid string, err error) {
	c, err := m.Key.Verify(token, time.Now())
	if err != nil {
		return "", "", err
	}
	aud, _ := c["aud"].(string)
	if !slices.Contains(resources, strings.TrimSuffix(aud, "/")) {
		return "", "", fmt.Errorf("wrong audience %q", aud)
	}
	oid, _ = c["oid"].(string)
	tid, _ = c["tid"].(string)
	if oid == "" || tid == "" {
		return "", "", errors.New("token without oid or tid")
	}
	return oid, tid, nil
}

// Authorize returns a check of a request's bearer token for one resource, for the stand-ins behind the proxy.
func (m *Managed) Authorize(resource string) func(*http.Request) error {
	return func(r *http.Request) error {
		token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !ok {
			return errors.New("no bearer token")
		}
		_, _, err := m.Verify(token, resource)
		return err
	}
}
