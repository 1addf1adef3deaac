package ground

import (
	"net/http"
	"time"
)

// transport never goes through a proxy, and drops idle connections before Azurite does (after 5 s).
func transport() *http.Client {
	return &http.Client{Transport: &http.Transport{Proxy: nil, MaxIdleConnsPerHost: 16, IdleConnTimeout: 3 * time.Second,
		DisableCompression: true}} // blobs are looked at raw, whatever their headers say
}
