package httpapi

import (
	"context"

	"example.org/airlock/handler/doctor"
)

// ExaminationAnswer is the answer of ExamineDeployment.
type ExaminationAnswer struct{ Body Examination }

// Examination is the doctor's report.
type Examination struct {
	Well     bool             `json:"well" doc:"Nothing is wrong."`
	Findings []doctor.Finding `json:"findings" nullable:"false" doc:"What is wrong first."`
}

func (a *API) examine(ctx context.Context, _ *call, _ *struct{}) (*ExaminationAnswer, error) {
	report := a.config.Doctor.Examine(ctx)
	return &ExaminationAnswer{Body: Examination{Well: report.Well(), Findings: report}}, nil
}
