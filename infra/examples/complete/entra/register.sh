#!/usr/bin/env bash
# Registers one API with Entra ID and prints what terraform.tfvars wants of it. Needs the Azure CLI, logged in as somebody
# who may register applications. An AzureTRE has these registrations already: take their ids instead. Safe to repeat: an
# application of that name is brought to the same form.
#
#   ./register.sh client    mytre https://APP/api/ui      what the portal and the command line sign in as
#   ./register.sh core      mytre CLIENT_ID               the TRE: roles TREUser, TREAdmin, AirlockGate
#   ./register.sh workspace mytre-genomics CLIENT_ID      a workspace: roles WorkspaceResearcher, WorkspaceOwner, AirlockManager
#
# With CLIENT_ID that client needs nobody's consent to ask for tokens. Those named before stay.
set -euo pipefail
cd "$(dirname "$0")"
. ./cli.sh
kind=${1:?core, workspace or client} name=${2:?a name} third=${3:-}

app() { az ad app list --display-name "$1" --query "[?displayName=='$1'].appId | [0]" --output tsv; }
patch() { az rest --method patch --uri "https://graph.microsoft.com/v1.0/applications/$object_id" --body "$1" --output none; }

if [ "$kind" = client ]; then
	case $third in
	https://*/api/ui) ;;
	*) echo "third argument: the portal's address, https://…/api/ui" >&2; exit 1 ;;
	esac
	client_id=$(app "Airlock $name client")
	client_id=${client_id:-$(az ad app create --display-name "Airlock $name client" --sign-in-audience AzureADMyOrg --query appId --output tsv)}
	object_id=$(az ad app show --id "$client_id" --query id --output tsv)
	# "spa", not "web": only then does Entra answer a page (AADSTS9002326). Device codes need a client that may be public
	# (https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code). Entra ignores the port of localhost.
	patch "{\"isFallbackPublicClient\":true,\"spa\":{\"redirectUris\":[\"$third\"]},\"publicClient\":{\"redirectUris\":[\"http://localhost\"]}}"
	principal=$(az ad sp list --filter "appId eq '$client_id'" --query "[0].id" --output tsv)
	[ -n "$principal" ] || az ad sp create --id "$client_id" --output none
	echo "client_id            = \"$client_id\""
	exit
fi
[ -f "$kind-roles.json" ] || { echo "first argument: core, workspace or client" >&2; exit 1; }

azure_cli=04b07795-8ddb-461a-bbee-02f9e1bf7b46 # so that `az account get-access-token` works for the checks

# Version 2 tokens: their issuer ends in /v2.0, and their audience is the client id.
client_id=$(app "Airlock $name")
if [ -z "$client_id" ]; then
	client_id=$(az ad app create --display-name "Airlock $name" --sign-in-audience AzureADMyOrg \
		--app-roles @"$kind-roles.json" --requested-access-token-version 2 --query appId --output tsv)
fi
object_id=$(az ad app show --id "$client_id" --query id --output tsv)
scope=$(az ad app show --id "$client_id" --query "api.oauth2PermissionScopes[?value=='user_impersonation'].id | [0]" --output tsv)
scope=${scope:-$(cat /proc/sys/kernel/random/uuid)}
patch "{\"identifierUris\":[\"api://$client_id\"],\"api\":{\"requestedAccessTokenVersion\":2,\"oauth2PermissionScopes\":[{\"id\":\"$scope\",\"type\":\"User\",\"isEnabled\":true,\"value\":\"user_impersonation\",\"adminConsentDisplayName\":\"Use the airlock\",\"adminConsentDescription\":\"Use the airlock in your name\"}]}}"
allowed=$({ echo "$azure_cli"; [ -z "$third" ] || echo "$third"; az ad app show --id "$client_id" --query "api.preAuthorizedApplications[].appId" --output tsv; } | tr '\t' '\n' | sort -u)
list=""
for application in $allowed; do
	list="$list${list:+,}{\"appId\":\"$application\",\"delegatedPermissionIds\":[\"$scope\"]}"
done
patch "{\"api\":{\"preAuthorizedApplications\":[$list]}}"
principal=$(az ad sp list --filter "appId eq '$client_id'" --query "[0].id" --output tsv)
principal=${principal:-$(az ad sp create --id "$client_id" --query id --output tsv)}

echo "client_id            = \"$client_id\""
echo "service_principal_id = \"$principal\""
echo "scope                = \"api://$client_id\""
