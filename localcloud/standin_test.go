package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
)

// standIn is a handler small enough to test the local cloud without the airlock: it keeps workspaces in Table Storage
// and remembers there which events it was given. It runs as a process of its own, with nothing but its environment to
// lead it to storage, exactly like the real one.
type standIn struct{ rows *aztables.Client }

func runStandIn() error {
	cred, err := azidentity.NewManagedIdentityCredential(nil)
	if err != nil {
		return err
	}
	service, err := aztables.NewServiceClient(os.Getenv("AIRLOCK_TABLE_ENDPOINT"), cred, nil)
	if err != nil {
		return err
	}
	s := standIn{rows: service.NewClient("AirlockWorkspaces")}
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /api/workspaces/{id}", s.put)
	mux.HandleFunc("GET /api/workspaces/{id}", s.get)
	for _, name := range []string{"OnBlobCreated", "OnScanResult"} {
		mux.HandleFunc("POST /"+name, func(w http.ResponseWriter, r *http.Request) { s.event(w, r, name) })
	}
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", os.Getenv("FUNCTIONS_CUSTOMHANDLER_PORT")))
	if err != nil {
		return err
	}
	return http.Serve(listener, mux)
}

func (s standIn) put(w http.ResponseWriter, r *http.Request) {
	document, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	row, _ := json.Marshal(map[string]any{"PartitionKey": "workspaces", "RowKey": r.PathValue("id"), "Document": string(document)})
	if r.Header.Get("If-None-Match") == "*" {
		_, err = s.rows.AddEntity(r.Context(), row, nil)
	} else {
		etag := azcore.ETag(r.Header.Get("If-Match"))
		_, err = s.rows.UpdateEntity(r.Context(), row, &aztables.UpdateEntityOptions{IfMatch: &etag, UpdateMode: aztables.UpdateModeReplace})
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusPreconditionFailed)
		return
	}
	w.WriteHeader(http.StatusCreated)
}

func (s standIn) get(w http.ResponseWriter, r *http.Request) {
	got, err := s.rows.GetEntity(r.Context(), "workspaces", r.PathValue("id"), nil)
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	var row struct{ Document string }
	if err := json.Unmarshal(got.Value, &row); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	var d struct {
		DisplayName, Description, ClientID, ScopeID string
		Policy                                      json.RawMessage
	}
	if err := json.Unmarshal([]byte(row.Document), &d); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("ETag", string(got.ETag))
	_ = json.NewEncoder(w).Encode(map[string]any{"workspace": map[string]any{
		"properties": map[string]string{"display_name": d.DisplayName, "description": d.Description, "client_id": d.ClientID, "scope_id": d.ScopeID},
		"policy":     d.Policy, "document": json.RawMessage(row.Document)}})
}

// event keeps the delivery's text under the function's name, for the test to look at.
func (s standIn) event(w http.ResponseWriter, r *http.Request, function string) {
	text, _ := io.ReadAll(r.Body)
	row, _ := json.Marshal(map[string]any{"PartitionKey": "workspaces", "RowKey": function, "Document": strings.ToValidUTF8(string(text), "?")})
	if _, err := s.rows.UpsertEntity(context.WithoutCancel(r.Context()), row, nil); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprint(w, "{}")
}
