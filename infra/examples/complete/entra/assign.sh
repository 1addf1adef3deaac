#!/usr/bin/env bash
# Gives somebody a role of an API that register.sh made. Safe to repeat.
#
#   ./assign.sh CLIENT_ID AirlockManager ada@example.org
set -euo pipefail
. "$(dirname "$0")/cli.sh"
client_id=${1:?client id} role=${2:?role} who=${3:?user principal name}
principal=$(az ad sp show --id "$client_id" --query id --output tsv)
role_id=$(az ad sp show --id "$client_id" --query "appRoles[?value=='$role'].id | [0]" --output tsv)
[ -n "$role_id" ] || { echo "no role $role in $client_id" >&2; exit 1; }
user=$(az ad user show --id "$who" --query id --output tsv)
assignments=https://graph.microsoft.com/v1.0/servicePrincipals/$principal/appRoleAssignedTo
held=$(az rest --method get --uri "https://graph.microsoft.com/v1.0/users/$user/appRoleAssignments" \
	--query "value[?resourceId=='$principal'].appRoleId" --output tsv)
if grep --quiet --line-regexp --fixed-strings -- "$role_id" <<<"$held"; then
	echo "$who is $role already"
	exit 0
fi
az rest --method post --uri "$assignments" --body "{\"principalId\":\"$user\",\"resourceId\":\"$principal\",\"appRoleId\":\"$role_id\"}" --output none
echo "$who is $role"
