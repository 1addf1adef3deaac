package cloud

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
)

// Which of our ports is which.
const (
	portAPI     = "api"
	portBlob    = "blob"    // for people: links name it
	portIssuer  = "issuer"  // tokens name it
	portProxy   = "proxy"   // for programs
	portControl = "control" // test controls, managed identity, webhooks

	portAzuriteBlob  = "azuriteBlob"
	portAzuriteQueue = "azuriteQueue"
	portAzuriteTable = "azuriteTable"
)

// ports remembers, in a file, which port was used for what, so that tokens and links outlive a restart.
type ports struct {
	file string
	used map[string]int
}

func loadPorts(file string) (*ports, error) {
	p := &ports{file: file, used: map[string]int{}}
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &p.used)
	}
	if err != nil {
		return nil, fmt.Errorf("read ports: %w", err)
	}
	return p, nil
}

func (p *ports) save() error {
	text, err := json.Marshal(p.used)
	if err != nil {
		return fmt.Errorf("write ports: %w", err)
	}
	return os.WriteFile(p.file, text, 0o600)
}

// New ports come from below the range that systems hand out to outgoing connections, or a restart might find its port
// taken by a passing one.
const lowestPort, highestPort = 20000, 31999

// listen opens the port remembered for name, or a free one. A remembered port that is taken is an error if others hold
// on to it (keep), else another one is taken.
func (p *ports) listen(name string, keep bool) (net.Listener, error) {
	if port := p.used[name]; port != 0 {
		l, err := listenOn(port)
		if err == nil {
			return l, nil
		}
		if keep {
			return nil, fmt.Errorf("port %d (%s) is taken by another program, and tokens or links handed out earlier depend on it; end that program or use another --dir: %w", port, name, err)
		}
	}
	var err error
	for range 100 {
		var l net.Listener
		if l, err = listenOn(lowestPort + rand.IntN(highestPort-lowestPort+1)); err == nil {
			p.used[name] = l.Addr().(*net.TCPAddr).Port
			return l, nil
		}
	}
	return nil, fmt.Errorf("no free port for %s: %w", name, err)
}

// listenAPI opens the API's port: the wanted one, or with 0 as listen does.
func (p *ports) listenAPI(wanted int) (net.Listener, error) {
	if wanted == 0 {
		return p.listen(portAPI, false)
	}
	l, err := listenOn(wanted)
	if err != nil {
		return nil, fmt.Errorf("port %d is taken; choose another with --api-port, or 0 for a free one: %w", wanted, err)
	}
	p.used[portAPI] = wanted
	return l, nil
}

// reserve finds ports for a child process. They are released just before it opens them.
func (p *ports) reserve(names ...string) ([]int, error) {
	var found []int
	for _, name := range names {
		l, err := p.listen(name, false)
		if err != nil {
			return nil, err
		}
		defer l.Close()
		found = append(found, p.used[name])
	}
	return found, nil
}

func listenOn(port int) (net.Listener, error) {
	return net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
}

func (p *ports) url(name string) string {
	return "http://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(p.used[name]))
}
