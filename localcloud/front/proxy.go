package front

import (
	"crypto/tls"
	"errors"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
)

// Proxy is an HTTPS forward proxy that knows only the hosts it stands in for: CONNECT to one of them is answered by its
// handler over TLS, anything else is refused. It never dials, so nothing reaches the network.
type Proxy struct {
	ca    *CA
	log   *slog.Logger
	hosts map[string]http.Handler

	tunnels *tunnels
	inner   *http.Server
	outer   *http.Server
}

// NewProxy returns a proxy without hosts.
func NewProxy(ca *CA, log *slog.Logger) *Proxy {
	p := &Proxy{ca: ca, log: log, hosts: map[string]http.Handler{}}
	p.tunnels = &tunnels{conns: make(chan net.Conn), closed: make(chan struct{})}
	p.inner = &http.Server{Handler: http.HandlerFunc(p.dispatch), ErrorLog: quiet}
	p.outer = &http.Server{Handler: http.HandlerFunc(p.connect), ErrorLog: quiet}
	return p
}

// Handle registers h for a host name, or for all names under a domain if the pattern begins with "*.". All calls come
// before Serve.
func (p *Proxy) Handle(pattern string, h http.Handler) { p.hosts[pattern] = h }

func (p *Proxy) handler(host string) http.Handler {
	host = strings.ToLower(host)
	if h := p.hosts[host]; h != nil {
		return h
	}
	if _, domain, ok := strings.Cut(host, "."); ok {
		// "*.example" stands for one or more labels: topics live below a region's domain.
		for ; ok; _, domain, ok = strings.Cut(domain, ".") {
			if h := p.hosts["*."+domain]; h != nil {
				return h
			}
		}
	}
	return nil
}

// Serve runs the proxy on l until Close.
func (p *Proxy) Serve(l net.Listener) error {
	p.tunnels.addr = l.Addr()
	// HTTP/1.1 only, as Azure Storage: one request a connection at a time, so a dropped one drops nothing else.
	inner := tls.NewListener(p.tunnels, &tls.Config{GetCertificate: p.ca.leaf, NextProtos: []string{"http/1.1"}, MinVersion: tls.VersionTLS12})
	failed := make(chan error, 2)
	go func() { failed <- p.inner.Serve(inner) }()
	go func() { failed <- p.outer.Serve(l) }()
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Close ends Serve and all connections.
func (p *Proxy) Close() error { return errors.Join(p.outer.Close(), p.inner.Close()) }

func (p *Proxy) connect(w http.ResponseWriter, r *http.Request) {
	host, port, err := net.SplitHostPort(r.Host)
	if r.Method != http.MethodConnect || err != nil || port != "443" || p.handler(host) == nil {
		p.log.Warn("the proxy refused a host it does not stand in for", "method", r.Method, "host", r.Host)
		http.Error(w, "local cloud: unknown host "+r.Host, http.StatusForbidden)
		return
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if _, err := conn.Write([]byte("HTTP/1.1 200 Connection established\r\n\r\n")); err != nil {
		conn.Close()
		return
	}
	p.tunnels.hand(conn)
}

// dispatch checks the host again: the tunnel was for a known one, the request inside it need not be.
func (p *Proxy) dispatch(w http.ResponseWriter, r *http.Request) {
	h := p.handler(strings.TrimSuffix(r.Host, ":443"))
	if h == nil {
		w.Header().Set("x-ms-error-code", "InvalidUri")
		http.Error(w, "local cloud: unknown host "+r.Host, http.StatusBadRequest)
		return
	}
	h.ServeHTTP(w, r)
}

// tunnels hands connections that CONNECT took over to an http.Server.
type tunnels struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
	addr   net.Addr
}

func (t *tunnels) hand(conn net.Conn) {
	select {
	case t.conns <- conn:
	case <-t.closed:
		conn.Close()
	}
}

func (t *tunnels) Accept() (net.Conn, error) {
	select {
	case conn := <-t.conns:
		return conn, nil
	case <-t.closed:
		return nil, net.ErrClosed
	}
}

func (t *tunnels) Close() error {
	t.once.Do(func() { close(t.closed) })
	return nil
}

func (t *tunnels) Addr() net.Addr { return t.addr }

// quiet drops http.Server's lines about clients that hang up.
var quiet = log.New(io.Discard, "", 0)
