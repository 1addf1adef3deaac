#!/usr/bin/env bash
# Registers one API with Entra ID and prints what terraform.tfvars wants of it. Needs the Azure CLI, logged in as somebody
# who may register applications. An AzureTRE has these registrations already: take their ids instead. Safe to repeat: an
# application of that name is brought to the same form.
#
#   ./register.sh core      mytre            the TRE: roles TREUser, TREAdmin
#   ./register.sh workspace mytre-genomics   a workspace: roles WorkspaceResearcher, WorkspaceOwner, AirlockManager
set -euo pipefail
cd "$(dirname "$0")"
. ./cli.sh
kind=${1:?core or workspace} name=${2:?a name}
[ -f "$kind-roles.json" ] || { echo "first argument: core or workspace" >&2; exit 1; }

azure_cli=04b07795-8ddb-461a-bbee-02f9e1bf7b46 # so that `az account get-access-token` works for the checks

# Version 2 tokens: their issuer ends in /v2.0, and their audience is the client id.
client_id=$(az ad app list --display-name "Airlock $name" --query "[?displayName=='Airlock $name'].appId | [0]" --output tsv)
if [ -z "$client_id" ]; then
	client_id=$(az ad app create --display-name "Airlock $name" --sign-in-audience AzureADMyOrg \
		--app-roles @"$kind-roles.json" --requested-access-token-version 2 --query appId --output tsv)
fi
object_id=$(az ad app show --id "$client_id" --query id --output tsv)
scope=$(az ad app show --id "$client_id" --query "api.oauth2PermissionScopes[?value=='user_impersonation'].id | [0]" --output tsv)
scope=${scope:-$(cat /proc/sys/kernel/random/uuid)}
patch() { az rest --method patch --uri "https://graph.microsoft.com/v1.0/applications/$object_id" --body "$1" --output none; }
patch "{\"identifierUris\":[\"api://$client_id\"],\"api\":{\"requestedAccessTokenVersion\":2,\"oauth2PermissionScopes\":[{\"id\":\"$scope\",\"type\":\"User\",\"isEnabled\":true,\"value\":\"user_impersonation\",\"adminConsentDisplayName\":\"Use the airlock\",\"adminConsentDescription\":\"Use the airlock in your name\"}]}}"
patch "{\"api\":{\"preAuthorizedApplications\":[{\"appId\":\"$azure_cli\",\"delegatedPermissionIds\":[\"$scope\"]}]}}"
principal=$(az ad sp list --filter "appId eq '$client_id'" --query "[0].id" --output tsv)
principal=${principal:-$(az ad sp create --id "$client_id" --query id --output tsv)}

echo "client_id            = \"$client_id\""
echo "service_principal_id = \"$principal\""
echo "scope                = \"api://$client_id\""
