package keys

import (
	"context"
	"crypto/ecdsa"
	"slices"
	"sync"

	"example.org/airlock/handler/airlock"
	"example.org/airlock/handler/azure"
)

// versions are the public keys of all versions of a vault's key that are enabled.
// A version's key never changes, so each is read once.
type versions struct {
	mu    sync.Mutex
	known map[string]airlock.PublicKey // by version
	all   *azure.Memo[struct{}, []airlock.PublicKey]
}

func newVersions() versions {
	return versions{known: map[string]airlock.PublicKey{}, all: newMemo[[]airlock.PublicKey]()}
}

// publicKeys returns the enabled versions, the oldest first. Signatures of a disabled
// version count no more.
func (k *vaultKey) publicKeys(ctx context.Context) ([]airlock.PublicKey, error) {
	const operation = "list signing keys"
	all, err := k.versions.all.Get(ctx, struct{}{}, func(ctx context.Context) ([]airlock.PublicKey, error) {
		var (
			out   []airlock.PublicKey
			order []int64
		)
		for pager := k.client.NewListKeyPropertiesVersionsPager(k.name, nil); pager.More(); {
			page, err := pager.NextPage(ctx)
			if err != nil {
				return nil, faultOf(operation, k.account, err)
			}
			for _, item := range page.Value {
				if item.KID == nil || item.Attributes == nil || item.Attributes.Enabled == nil || !*item.Attributes.Enabled {
					continue
				}
				key, err := k.read(ctx, item.KID.Version())
				if err != nil {
					return nil, err
				}
				created := int64(0)
				if item.Attributes.Created != nil {
					created = item.Attributes.Created.UnixNano()
				}
				at, _ := slices.BinarySearch(order, created+1)
				order, out = slices.Insert(order, at, created), slices.Insert(out, at, key)
			}
		}
		return out, nil
	})
	return all, faultOf(operation, k.account, err)
}

// read returns the public key of one version.
func (k *vaultKey) read(ctx context.Context, version string) (airlock.PublicKey, error) {
	const operation = "read signing key"
	k.versions.mu.Lock()
	key, known := k.versions.known[version]
	k.versions.mu.Unlock()
	if known {
		return key, nil
	}
	answer, err := k.client.GetKey(ctx, k.name, version, nil)
	if err != nil {
		return airlock.PublicKey{}, faultOf(operation, k.account, err)
	}
	public, err := fromJWK(answer.Key)
	if err != nil {
		return airlock.PublicKey{}, unusable(operation, k.account, "the key "+err.Error())
	}
	key = airlock.PublicKey{ID: string(*answer.Key.KID), Key: public}
	k.versions.mu.Lock()
	defer k.versions.mu.Unlock()
	k.versions.known[version] = key
	return key, nil
}

// publicKey finds one of the public keys. An id that is not known may be of a
// version that another instance has found: then the vault is asked.
func (k *vaultKey) publicKey(ctx context.Context, id string) (*ecdsa.PublicKey, error) {
	for _, again := range []bool{false, true} {
		if again {
			k.versions.all.Forget(struct{}{})
		}
		all, err := k.publicKeys(ctx)
		if err != nil {
			return nil, err
		}
		if key, err := find(all, id); err == nil {
			return key, nil
		}
	}
	return nil, airlock.ErrUnknownKey
}

// find picks the key with that id.
func find(all []airlock.PublicKey, id string) (*ecdsa.PublicKey, error) {
	if i := slices.IndexFunc(all, func(k airlock.PublicKey) bool { return k.ID == id }); i >= 0 {
		return all[i].Key, nil
	}
	return nil, airlock.ErrUnknownKey
}
