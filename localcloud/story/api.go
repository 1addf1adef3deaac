package story

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Answer is the answer to a call.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Detail is the answer's own explanation: a problem's detail, or the beginning of the body.
func (a Answer) Detail() string {
	var problem struct{ Detail string }
	if json.Unmarshal(a.Body, &problem) == nil && problem.Detail != "" {
		return problem.Detail
	}
	text := strings.TrimSpace(string(a.Body))
	return text[:min(len(text), 300)]
}

// troubled reports whether the answer asks to call again: trouble of the service, or a race that was lost.
func (a Answer) troubled() bool {
	var problem struct{ Code string }
	changed := a.Status == http.StatusConflict && json.Unmarshal(a.Body, &problem) == nil && problem.Code == "changed_meanwhile"
	return changed || a.Status >= http.StatusInternalServerError || a.Status == http.StatusTooManyRequests
}

func (a Answer) String() string {
	return fmt.Sprintf("%d %s: %s", a.Status, http.StatusText(a.Status), a.Detail())
}

// Into decodes a JSON answer.
func (a Answer) Into(value any) error {
	if err := json.Unmarshal(a.Body, value); err != nil {
		return fmt.Errorf("answer %.200q: %w", a.Body, err)
	}
	return nil
}

// apiLimit is how long a client of the API is ready to wait.
const apiLimit = 30 * time.Second

// Call makes one call to the API as a persona with a token for a workspace ("" for the core API). The error is about
// the connection; every answer, a refusal too, is an Answer.
func (c *Cloud) Call(ctx context.Context, persona, workspace, method, path string, header http.Header, body any) (Answer, error) {
	token, err := c.Token(persona, workspace)
	if err != nil {
		return Answer{}, err
	}
	if header = header.Clone(); header == nil {
		header = http.Header{}
	}
	header.Set("Authorization", "Bearer "+token)
	var text []byte
	if body != nil {
		header.Set("Content-Type", "application/json")
		if text, err = json.Marshal(body); err != nil {
			return Answer{}, fmt.Errorf("%s %s: %w", method, path, err)
		}
	}
	return c.send(ctx, method, c.API+path, header, text, apiLimit)
}

// control uses a test control of the local cloud; into may be nil.
func (c *Cloud) control(ctx context.Context, method, path string, body, into any) error {
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return fmt.Errorf("control %s: %w", path, err)
		}
	}
	a, err := c.send(ctx, method, c.Control+path, nil, text, time.Minute)
	if err != nil {
		return err
	}
	if a.Status/100 != 2 {
		return fmt.Errorf("control %s %s: %s", method, path, a)
	}
	if into != nil {
		return a.Into(into)
	}
	return nil
}

func (c *Cloud) send(ctx context.Context, method, url string, header http.Header, body []byte, limit time.Duration) (Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return Answer{}, err
	}
	if header != nil {
		req.Header = header
	}
	resp, err := c.client.Do(req)
	if err != nil {
		return Answer{}, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return Answer{}, fmt.Errorf("%s %s: %w", method, url, err)
	}
	return Answer{Status: resp.StatusCode, Header: resp.Header, Body: text}, nil
}
