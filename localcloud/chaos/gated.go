package chaos

import (
	"net/http"
	"strings"

	"example.org/airlock/localcloud/story"
)

// gated are ways through the airlock that a gate beside the malware scan has a say in.
var gated = []scenario{
	{name: "blocked by its content", end: story.BlockedByScan, finds: "sdc.small_count", play: func(p *story.Play, files []story.File, d *drafter) {
		d.submits(p.As(story.Researcher).Creates(story.Export).UploadsFiles(files...).UploadsFiles(smallCells))
		p.Eventually(story.BlockedByScan)
	}},
	{name: "returned for its content", end: story.Approved, finds: "hidden.notebook_output", play: func(p *story.Play, files []story.File, d *drafter) {
		d.submits(p.As(story.Researcher).Creates(story.Export).UploadsFiles(files...).UploadsFiles(notebook))
		p.IsReturned()
		p.As(story.Researcher).Removes(notebook.Name).Submits()
		p.Eventually(story.InReview)
		p.As(story.Manager).ApprovesWhatWasFound("fine")
		p.Eventually(story.Approved)
	}},
	{name: "approved after an engine", end: story.Approved, workspace: gatedTwice, play: func(p *story.Play, files []story.File, d *drafter) {
		d.submits(p.As(story.Researcher2).Creates(story.Export).UploadsFiles(files...))
		e := callEngine(p).reads().wavers()
		p.Eventually(story.InReview)
		unseen(p, story.Manager)
		p.As(story.Manager).ApprovesWhatWasFound("fine")
		p.Eventually(story.Approved)
		e.says("blocked", http.StatusGone)
	}},
	{name: "blocked by an engine in review", end: story.BlockedByScan, workspace: gatedTwice, play: func(p *story.Play, files []story.File, d *drafter) {
		d.submits(p.As(story.Researcher2).Creates(story.Export).UploadsFiles(files...))
		e := callEngine(p).errs().says("findings", http.StatusOK)
		p.Eventually(story.InReview)
		e.errs().says("blocked", http.StatusOK)
		p.Eventually(story.BlockedByScan)
	}},
	{name: "never judged by an engine", end: story.BlockedByScan, workspace: gatedTwice, slow: true, play: func(p *story.Play, files []story.File, d *drafter) {
		d.submits(p.As(story.Researcher2).Creates(story.Import).UploadsFiles(files...))
		p.Eventually(story.BlockedByScan)
	}},
}

// smallCells is a table with a count that the content gate blocks.
var smallCells = story.Bytes("counts.csv", []byte("region,count\nNorth,3\nSouth,120\nEast,85\nWest,97\nCentral,410\n"))

// notebook has an output, which the content gate sends back.
var notebook = story.Bytes("notebook.ipynb", []byte(`{"nbformat": 4, "cells": [{"cell_type": "code", "outputs": [{"text": ["mean 3.2"]}]}]}`))

// unseen has somebody approve without a word about the findings, which must be refused.
func unseen(p *story.Play, manager string) {
	answer := p.As(manager).Tries("review")
	p.Holds(answer.Status == http.StatusConflict && strings.Contains(string(answer.Body), "findings_not_acknowledged"), "findings are approved unseen: %s", answer)
}
