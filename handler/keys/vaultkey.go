package keys

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"errors"
	"fmt"
	"math/big"
	"slices"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azkeys"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/azure"
)

// vaultKey is a signing key that never leaves Key Vault.
type vaultKey struct {
	location
	client   *azkeys.Client
	newest   *azure.Memo[struct{}, vaultVersion]
	versions versions
}

// vaultVersion is one version of the key.
type vaultVersion struct {
	id, version string
	public      *ecdsa.PublicKey
}

func openVaultKey(l location, credential azcore.TokenCredential, options azcore.ClientOptions) (*vaultKey, error) {
	client, err := azkeys.NewClient(l.vault, credential, &azkeys.ClientOptions{ClientOptions: options})
	if err != nil {
		return nil, fmt.Errorf("vault %s: %w", l.account, err)
	}
	return &vaultKey{location: l, client: client, newest: newMemo[vaultVersion](), versions: newVersions()}, nil
}

// current is the version that signs. Naming it in every call keeps signature,
// key id and public key together while the key is being rotated.
func (k *vaultKey) current(ctx context.Context) (vaultVersion, error) {
	const operation = "read signing key"
	newest, err := k.newest.Get(ctx, struct{}{}, func(ctx context.Context) (vaultVersion, error) {
		answer, err := k.client.GetKey(ctx, k.name, k.version, nil)
		if err != nil {
			return vaultVersion{}, faultOf(operation, k.account, err)
		}
		public, err := fromJWK(answer.Key)
		if err != nil {
			return vaultVersion{}, unusable(operation, k.account, "the key "+err.Error())
		}
		return vaultVersion{id: string(*answer.Key.KID), version: answer.Key.KID.Version(), public: public}, nil
	})
	return newest, faultOf(operation, k.account, err)
}

func (k *vaultKey) sign(ctx context.Context, digest []byte) ([]byte, string, error) {
	const operation = "sign"
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	v, err := k.current(ctx)
	if err != nil {
		return nil, "", err
	}
	answer, err := k.client.Sign(ctx, k.name, v.version, azkeys.SignParameters{Algorithm: to.Ptr(azkeys.SignatureAlgorithmES256), Value: digest}, nil)
	if err != nil {
		err = faultOf(operation, k.account, err)
		if fault, ok := errors.AsType[*airlock.Fault](err); ok && fault.Kind == airlock.Operator {
			k.newest.Forget(struct{}{}) // maybe this version is disabled or gone, and there is a new one
		}
		return nil, "", err
	}
	raw := answer.Result
	if len(raw) != 64 || !ecdsa.Verify(v.public, digest, new(big.Int).SetBytes(raw[:32]), new(big.Int).SetBytes(raw[32:])) {
		return nil, "", unusable(operation, k.account, "the vault's signature does not verify")
	}
	return raw, v.id, nil
}

// fromJWK reads an EC public key as Key Vault sends it (RFC 7518 section 6.2).
func fromJWK(k *azkeys.JSONWebKey) (*ecdsa.PublicKey, error) {
	ec := []azkeys.KeyType{azkeys.KeyTypeEC, azkeys.KeyTypeECHSM}
	if k == nil || k.KID == nil || k.Kty == nil || !slices.Contains(ec, *k.Kty) || k.Crv == nil || *k.Crv != azkeys.CurveNameP256 ||
		len(k.X) != 32 || len(k.Y) != 32 {
		return nil, fmt.Errorf("is not an EC key on the curve P-256")
	}
	return ecdsa.ParseUncompressedPublicKey(elliptic.P256(), slices.Concat([]byte{4}, k.X, k.Y))
}
