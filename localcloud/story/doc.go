// Package story plays the airlock's stories against a running local cloud, the way people live them: through the HTTP
// API with real tokens, uploads and downloads with the links the API hands out, and nothing else. A story reads like
// what it tests:
//
//	p.As(Researcher).Creates(Import).Uploads("a.csv", data).Submits()
//	p.Eventually(InReview)
//	p.As(Manager).Approves("looks fine")
//	p.Eventually(Approved)
//
// The demo plays them for people, the tests for certainty, and the chaos runs while everything breaks. A step that does
// not hold ends its story; Run turns that into an error that says what was seen.
package story
