// Package infratest keeps the promises of infra/ without Azure: it plans the
// complete example with the real providers against a loopback stand-in of the
// Azure Resource Manager and asks the plan, account by account and subscription
// by subscription, whether what the specification and docs say is what would be
// made. A second plan, with ids made up for everything, shows who points at whom.
// Both are compared with functions/, handler/ and docs/ in both directions, and
// copies with one property removed prove that each check bites.
//
// Reading a plan needs no Azure; making one needs terraform and the providers
// that infra/tools/install.sh builds, so those tests have the build tag infra
// and run with `make infra-test`.
package infratest
