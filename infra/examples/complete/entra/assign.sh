#!/usr/bin/env bash
# Gives somebody a role of an API that register.sh made: a user by name, or the engine of an external gate by the object id of
# its service principal. Safe to repeat.
#
#   ./assign.sh CLIENT_ID AirlockManager ada@example.org
#   ./assign.sh CORE_CLIENT_ID AirlockGate 66666666-6666-4666-8666-666666666661
set -euo pipefail
. "$(dirname "$0")/cli.sh"
client_id=${1:?client id} role=${2:?role} who=${3:?user principal name, or object id of a service principal}
principal=$(az ad sp show --id "$client_id" --query id --output tsv)
role_id=$(az ad sp show --id "$client_id" --query "appRoles[?value=='$role'].id | [0]" --output tsv)
[ -n "$role_id" ] || { echo "no role $role in $client_id" >&2; exit 1; }
if [[ $who =~ ^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$ ]]; then
	holder=$(az ad sp show --id "$who" --query id --output tsv) of=servicePrincipals
	# An application has one id, and its service principal another; policies name the latter.
	[ "$holder" = "$who" ] || { echo "$who is a client id; the object id of its service principal is $holder" >&2; exit 1; }
else
	holder=$(az ad user show --id "$who" --query id --output tsv) of=users
fi
assignments=https://graph.microsoft.com/v1.0/servicePrincipals/$principal/appRoleAssignedTo
held=$(az rest --method get --uri "https://graph.microsoft.com/v1.0/$of/$holder/appRoleAssignments" \
	--query "value[?resourceId=='$principal'].appRoleId" --output tsv)
if grep --quiet --line-regexp --fixed-strings -- "$role_id" <<<"$held"; then
	echo "$who is $role already"
	exit 0
fi
az rest --method post --uri "$assignments" --body "{\"principalId\":\"$holder\",\"resourceId\":\"$principal\",\"appRoleId\":\"$role_id\"}" --output none
echo "$who is $role"
