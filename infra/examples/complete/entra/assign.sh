#!/usr/bin/env bash
# Gives somebody a role of an API that register.sh made.
#
#   ./assign.sh CLIENT_ID AirlockManager ada@example.org
set -euo pipefail
client_id=${1:?client id} role=${2:?role} who=${3:?user principal name}
principal=$(az ad sp show --id "$client_id" --query id --output tsv)
role_id=$(az ad sp show --id "$client_id" --query "appRoles[?value=='$role'].id | [0]" --output tsv)
[ -n "$role_id" ] || { echo "no role $role in $client_id" >&2; exit 1; }
user=$(az ad user show --id "$who" --query id --output tsv)
az rest --method post --uri "https://graph.microsoft.com/v1.0/servicePrincipals/$principal/appRoleAssignedTo" \
	--body "{\"principalId\":\"$user\",\"resourceId\":\"$principal\",\"appRoleId\":\"$role_id\"}" --output none
echo "$who is $role"
