package front

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// Hosts under these domains can be stood in for, and no others.
var domains = []string{"core.windows.net", "eventgrid.azure.net", "graph.microsoft.com", "vault.azure.net", "login.microsoftonline.com"}

// CA signs certificates for the production host names. Its key never leaves its directory.
type CA struct {
	File string // the certificate, PEM, for SSL_CERT_FILE

	cert   *x509.Certificate
	key    *ecdsa.PrivateKey
	mu     sync.Mutex
	leaves map[string]*tls.Certificate
}

// LoadCA reads ca.pem and ca-key.pem in dir, or makes them anew if they are missing, end within a month or are for
// other domains.
func LoadCA(dir string) (*CA, error) {
	certFile, keyFile := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "ca-key.pem")
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err == nil {
		key, ok := pair.PrivateKey.(*ecdsa.PrivateKey)
		if ok && time.Until(pair.Leaf.NotAfter) > 30*24*time.Hour && slices.Equal(pair.Leaf.PermittedDNSDomains, domains) {
			return newCA(certFile, pair.Leaf, key), nil
		}
	}
	cert, key, err := makeCA()
	if err != nil {
		return nil, fmt.Errorf("make local CA: %w", err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("make local CA: %w", err)
	}
	err = errors.Join(os.MkdirAll(dir, 0o700),
		os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}), 0o600),
		os.WriteFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw}), 0o644))
	if err != nil {
		return nil, fmt.Errorf("write local CA: %w", err)
	}
	return newCA(certFile, cert, key), nil
}

func newCA(file string, cert *x509.Certificate, key *ecdsa.PrivateKey) *CA {
	return &CA{File: file, cert: cert, key: key, leaves: map[string]*tls.Certificate{}}
}

func makeCA() (*x509.Certificate, *ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "Airlock local cloud CA (this machine only)"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
		// Even a stolen key cannot sign for anything else.
		PermittedDNSDomainsCritical: true, PermittedDNSDomains: domains,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, nil, err
	}
	cert, err := x509.ParseCertificate(der)
	return cert, key, err
}

// leaf mints, once per host and run, the certificate for the name the client asks for.
func (c *CA) leaf(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if leaf := c.leaves[hello.ServerName]; leaf != nil {
		return leaf, nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: hello.ServerName},
		DNSNames: []string{hello.ServerName}, NotBefore: time.Now().Add(-time.Hour), NotAfter: c.cert.NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, c.cert, &key.PublicKey, c.key)
	if err != nil {
		return nil, err
	}
	leaf := &tls.Certificate{Certificate: [][]byte{der, c.cert.Raw}, PrivateKey: key}
	c.leaves[hello.ServerName] = leaf
	return leaf, nil
}
