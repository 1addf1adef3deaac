// Command child is the child process of the sandbox's tests: it does as it is told by
// the name of its program.
package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"

	"example.org/airlock/handler/inspect/sandbox"
)

func main() {
	if len(os.Args) != 2 || os.Args[1] != sandbox.Argument || len(os.Environ()) != 0 {
		os.Exit(3)
	}
	switch filepath.Base(os.Args[0]) {
	case "liar":
		text := []byte(`{"done":true,"kept":{},"report":{"type":"csv","size":1,"read":1,"findings":[{"rule":"pii.email","severity":"high","confidence":"sure","count":1,"places":[],"shape":"ann@example.org"}]}}`)
		os.Stdout.Write(append([]byte{'D', 0, 0, 0, byte(len(text))}, text...))
		return
	case "greedy": // asks for bytes that are not there
		os.Stdout.Write([]byte{'R', 0, 0, 0, 16})
		os.Stdout.Write(binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, 1<<62), 1<<20))
		select {}
	case "rubbish":
		fmt.Println("hello, this is no frame at all")
		return
	case "spinner":
		for {
		}
	case "silent":
		return
	}
	if filepath.Base(os.Args[0]) == "bomb" {
		sandbox.Confine()
		held := [][]byte{}
		for {
			b := make([]byte, 1<<20)
			for i := range b {
				b[i] = 1
			}
			held = append(held, b)
		}
	}
	if err := sandbox.Serve(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
