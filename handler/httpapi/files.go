package httpapi

import (
	"context"

	"example.org/airlock/handler/airlock"
)

// FilesInput is the input of ListFiles.
type FilesInput struct {
	RequestPath
	Seen laxBool `query:"seen" doc:"true: also say which other requests of the workspace had the same bytes, for the first hundred files."`
}

// SeenFile is another request that has a file with the same bytes.
type SeenFile struct {
	Request string  `json:"request" format:"uuid"`
	Status  Status  `json:"status"`
	When    float64 `json:"when" doc:"When it reached the status, in seconds since 1970."`
}

// FilesAnswer is the answer of ListFiles.
type FilesAnswer struct{ Body FileList }

// FileList are the files of a request as they are now.
type FileList struct {
	Files  []RequestFile `json:"files" nullable:"false"`
	Source string        `json:"source" enum:"draft,request" doc:"draft: what lies in the draft now, by name, as far as submit would look. request: what was submitted."`
}

func (a *API) files(ctx context.Context, c *call, in *FilesInput) (*FilesAnswer, error) {
	r, fromDraft, err := a.config.Service.Files(ctx, c.principal, c.workspace, airlock.RequestID(in.RequestID))
	if err != nil {
		return nil, err
	}
	if !airlock.NamesShown(c.principal, r, c.workspace.Policy) {
		r = r.WithoutNames()
	}
	out := &FilesAnswer{Body: FileList{Files: filesView(r), Source: "request"}}
	if in.Seen.or(false) {
		seen, err := a.config.Service.Seen(ctx, c.principal, c.workspace, r)
		if err != nil {
			return nil, err
		}
		for i := range out.Body.Files {
			f := &out.Body.Files[i]
			for _, e := range seen[f.SHA256] {
				f.Seen = append(f.Seen, SeenFile{Request: string(e.Request), Status: Status(e.Status), When: seconds(e.When)})
			}
		}
	}
	if fromDraft {
		out.Body.Source = "draft"
	}
	return out, nil
}

// CheckInput is the input of CheckFiles.
type CheckInput struct {
	WorkspacePath
	Body FilesToCheck
}

// FilesToCheck are files that somebody means to upload.
type FilesToCheck struct {
	Type  string        `json:"type" enum:"import,export" doc:"Into the workspace, or out of it."`
	Files []FileToCheck `json:"files" maxItems:"2000" nullable:"false"`
}

// FileToCheck is one of them.
type FileToCheck struct {
	Name string `json:"name" maxLength:"1024" doc:"As the file would be named in the container."`
	Size int64  `json:"size" minimum:"0" doc:"Bytes."`
}

// CheckAnswer is the answer of CheckFiles.
type CheckAnswer struct{ Body CheckedFiles }

// CheckedFiles says what would keep the files from being submitted.
type CheckedFiles struct {
	Violations []violation `json:"violations" nullable:"false" doc:"As submit would name them, the first ten; empty: nothing."`
}

// maxCheckBody has room for the names of 500 files, the longest there are.
const maxCheckBody = 512 << 10

func (a *API) check(_ context.Context, c *call, in *CheckInput) (*CheckAnswer, error) {
	var files []airlock.Blob
	for _, f := range in.Body.Files {
		files = append(files, airlock.Blob{Name: f.Name, Size: f.Size, Type: airlock.BlockBlob})
	}
	out := &CheckAnswer{Body: CheckedFiles{Violations: []violation{}}}
	for _, v := range airlock.CheckFiles(airlock.RequestType(in.Body.Type), files, c.workspace.Policy) {
		out.Body.Violations = append(out.Body.Violations, violation{Rule: v.Rule, File: v.File, Message: v.Message})
	}
	return out, nil
}
