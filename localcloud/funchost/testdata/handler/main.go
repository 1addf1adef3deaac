// A tiny custom handler for the tests of the Functions host's stand-in. HTTP
// under /api answers with what it saw; a trigger does what its event asks for;
// START says how it begins; every invocation is appended to the file RECORD.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func main() {
	fmt.Println("handler starts with", strings.Join(os.Args[1:], "|"))
	fmt.Fprintln(os.Stderr, "this is a Warning")
	fmt.Fprintln(os.Stderr, "this is bad")
	signal.Ignore(syscall.SIGTERM)
	start()
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Getenv("FUNCTIONS_CUSTOMHANDLER_PORT"))
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(http.Serve(listener, http.HandlerFunc(serve)))
	os.Exit(1)
}

func start() {
	switch mode := os.Getenv("START"); {
	case mode == "silent":
		select {}
	case strings.HasPrefix(mode, "exit"):
		code, _ := strconv.Atoi(mode[4:])
		os.Exit(code)
	}
}

func serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	seen := map[string]any{
		"method": r.Method, "uri": r.RequestURI, "host": r.Host, "header": r.Header, "body": string(body),
		"length": r.ContentLength, "pid": os.Getpid(), "chunked": len(r.TransferEncoding) > 0,
	}
	switch {
	case r.URL.Path == "/":
		return
	case strings.HasPrefix(r.URL.Path, "/api/slow"):
		record(seen)
		time.Sleep(time.Minute)
	case r.URL.Path == "/api/environment":
		seen["environment"] = os.Environ()
		seen["directory"], _ = os.Getwd()
	case r.URL.Path == "/api/teapot":
		w.Header().Set("X-Own", "1")
		w.WriteHeader(http.StatusTeapot)
	case !strings.HasPrefix(strings.ToLower(r.URL.Path), "/api/"):
		record(seen)
		trigger(w, body)
		return
	}
	_ = json.NewEncoder(w).Encode(seen)
}

func record(seen map[string]any) {
	file, err := os.OpenFile(os.Getenv("RECORD"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return
	}
	defer file.Close()
	line, _ := json.Marshal(seen)
	_, _ = file.Write(append(line, '\n'))
}

func trigger(w http.ResponseWriter, body []byte) {
	var envelope struct {
		Data struct {
			Event struct{ Data struct{ Do string } }
		}
	}
	_ = json.Unmarshal(body, &envelope)
	do := envelope.Data.Event.Data.Do
	switch {
	case do == "fail" || os.Getenv("ALWAYS") == "fail":
		w.WriteHeader(http.StatusServiceUnavailable)
	case do == "text":
		fmt.Fprint(w, "hello")
	case do == "empty":
		w.Header().Set("Content-Type", "application/json")
	case do == "null":
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, "null")
	case do == "none":
		w.WriteHeader(http.StatusNoContent)
	case do == "broken":
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, "{")
	case do == "redirect":
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(http.StatusTemporaryRedirect)
	case do == "sleep":
		time.Sleep(time.Minute)
	case strings.HasPrefix(do, "exit"):
		code, _ := strconv.Atoi(do[4:])
		os.Exit(code)
	default:
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		fmt.Fprint(w, `{"Outputs":{},"Logs":["a line from the invocation"]}`)
	}
}
