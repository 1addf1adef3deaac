package httpapi

import (
	"context"

	"example.org/airlock/handler/airlock"
)

// PeopleAnswer is the answer of ListPeople.
type PeopleAnswer struct{ Body WorkspacePeople }

// WorkspacePeople are those who hold the roles of a workspace.
type WorkspacePeople struct {
	Owners          []RoleHolder `json:"owners" nullable:"false"`
	AirlockManagers []RoleHolder `json:"airlockManagers" nullable:"false"`
	Researchers     []RoleHolder `json:"researchers" nullable:"false"`
}

// RoleHolder is somebody who holds a role.
type RoleHolder struct {
	ID   string `json:"id" doc:"Object id in the directory."`
	Name string `json:"name"`
}

func (a *API) people(ctx context.Context, c *call, _ *WorkspacePath) (*PeopleAnswer, error) {
	found, err := a.config.Service.People(ctx, c.principal, c.workspace)
	if err != nil {
		return nil, err
	}
	return &PeopleAnswer{Body: WorkspacePeople{Owners: holders(found.Owners), AirlockManagers: holders(found.AirlockManagers), Researchers: holders(found.Researchers)}}, nil
}

func holders(people []airlock.Person) []RoleHolder {
	all := []RoleHolder{}
	for _, p := range people {
		all = append(all, RoleHolder{ID: string(p.ID), Name: p.Name})
	}
	return all
}

// FindInput is the input of FindRequest.
type FindInput struct {
	RequestID string `path:"airlock_request_id" format:"uuid" doc:"Airlock request."`
}

// FindAnswer is the answer of FindRequest.
type FindAnswer struct{ Body RequestPlace }

// RequestPlace says where a request is.
type RequestPlace struct {
	WorkspaceID string `json:"workspaceId" format:"uuid"`
}

func (a *API) find(ctx context.Context, c *call, in *FindInput) (*FindAnswer, error) {
	ws, err := a.config.Service.Find(ctx, c.principal, airlock.RequestID(in.RequestID))
	if err != nil {
		return nil, err
	}
	return &FindAnswer{Body: RequestPlace{WorkspaceID: string(ws)}}, nil
}
