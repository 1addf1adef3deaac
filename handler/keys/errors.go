package keys

import (
	"errors"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/azure"
)

// faultOf says what an error of Key Vault means. Nothing about a key is ever
// permanent: an operator can mend every refusal of Key Vault, so it needs no
// meanings of its own.
func faultOf(operation, vault string, err error) error {
	return azure.Fault(operation, vault, err, nil)
}

func unusable(operation, vault, why string) error {
	return &airlock.Fault{Kind: airlock.Operator, Code: "UnusableKey", Operation: operation, Account: vault, Err: errors.New(why)}
}
