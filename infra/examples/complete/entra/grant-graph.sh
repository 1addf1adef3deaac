#!/usr/bin/env bash
# Lets the service identity look up the addresses of role members. Needs a privileged role administrator. Safe to repeat.
# Not needed with directory = "contacts".
#
#   ./grant-graph.sh "$(terraform output -json identity | jq -r .principal_id)"
set -euo pipefail
. "$(dirname "$0")/cli.sh"
identity=${1:?principal id of the service identity}
assignments=https://graph.microsoft.com/v1.0/servicePrincipals/$identity/appRoleAssignments
graph=$(az ad sp show --id 00000003-0000-0000-c000-000000000000 --query id --output tsv)
granted=$(az rest --method get --uri "$assignments" --query "value[?resourceId=='$graph'].appRoleId" --output tsv)
# Who has a role of the workspace's application; who is in a group that has one; which address they have.
for permission in Application.Read.All GroupMember.Read.All User.ReadBasic.All; do
	role=$(az ad sp show --id "$graph" --query "appRoles[?value=='$permission'].id | [0]" --output tsv)
	if grep --quiet --line-regexp --fixed-strings -- "$role" <<<"$granted"; then
		echo "$permission is granted already"
		continue
	fi
	az rest --method post --uri "$assignments" --body "{\"principalId\":\"$identity\",\"resourceId\":\"$graph\",\"appRoleId\":\"$role\"}" --output none
	echo "granted $permission"
done
