package blobstore

import (
	"errors"
	"net/http"
	"slices"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/azure"
)

// meanings says what storage's answers mean for a request
// (learn.microsoft.com/rest/api/storageservices/blob-service-error-codes).
var meanings = []azure.Meaning{
	{Kind: airlock.Operator, Codes: codes(
		bloberror.AccountIsDisabled, bloberror.CopyAcrossAccountsNotSupported, bloberror.BlobImmutableDueToPolicy,
		// Somebody holds a lease; only people can break it.
		bloberror.LeaseIDMissing, bloberror.LeaseIDMismatchWithBlobOperation, bloberror.LeaseIDMismatchWithContainerOperation,
		bloberror.LeaseAlreadyPresent)},
	{Kind: airlock.Permanent, Codes: codes(
		bloberror.BlobArchived, bloberror.InvalidBlobType, bloberror.InvalidSourceBlobType, bloberror.InvalidSourceBlobURL,
		bloberror.BlobUsesCustomerSpecifiedEncryption)},
	// A role that is missing, or still spreading.
	{Status: http.StatusUnauthorized, Kind: airlock.Operator},
	{Status: http.StatusForbidden, Kind: airlock.Operator},
	{Status: http.StatusProxyAuthRequired, Kind: airlock.Operator},
	// States of storage that pass: a container being deleted, a lost race. Their
	// lasting meaning is judged where they occur.
	{Status: http.StatusNotFound, Kind: airlock.Transient},
	{Status: http.StatusConflict, Kind: airlock.Transient},
	{Status: http.StatusPreconditionFailed, Kind: airlock.Transient},
	{Kind: airlock.Permanent},
}

// goneCodes are the codes for a container or blob that is not there.
var goneCodes = codes(bloberror.BlobNotFound, bloberror.ContainerNotFound, bloberror.ContainerBeingDeleted, bloberror.ResourceNotFound)

// mayBeGone are the meanings for calls whose target may be gone.
var mayBeGone = append([]azure.Meaning{
	{Codes: goneCodes, Is: airlock.ErrGone},
	{Status: http.StatusNotFound, Codes: []string{""}, Is: airlock.ErrGone}, // an answer to HEAD has no code
}, meanings...)

func codes(all ...bloberror.Code) []string {
	texts := make([]string, len(all))
	for i, code := range all {
		texts[i] = string(code)
	}
	return texts
}

// faultOf translates an error of a call whose target has to be there.
func faultOf(operation, account string, err error) error {
	return azure.Fault(operation, account, err, meanings)
}

// goneOr is faultOf for calls whose target may be gone: airlock.ErrGone then.
func goneOr(operation, account string, err error) error {
	return azure.Fault(operation, account, err, mayBeGone)
}

// isGone reports whether err says that a container or blob is not there.
func isGone(err error) bool {
	e, ok := errors.AsType[*azcore.ResponseError](err)
	return ok && (slices.Contains(goneCodes, e.ErrorCode) || e.ErrorCode == "" && e.StatusCode == http.StatusNotFound)
}
