#!/usr/bin/env bash
# Lets the service identity look up the addresses of role members. Needs a privileged role administrator.
# Not needed with directory = "contacts".
#
#   ./grant-graph.sh "$(terraform output -json identity | jq -r .principal_id)"
set -euo pipefail
identity=${1:?principal id of the service identity}
graph=$(az ad sp show --id 00000003-0000-0000-c000-000000000000 --query id --output tsv)
# Who has a role of the workspace's application; who is in a group that has one; which address they have.
for permission in Application.Read.All GroupMember.Read.All User.ReadBasic.All; do
	role=$(az ad sp show --id "$graph" --query "appRoles[?value=='$permission'].id | [0]" --output tsv)
	az rest --method post --uri "https://graph.microsoft.com/v1.0/servicePrincipals/$identity/appRoleAssignments" \
		--body "{\"principalId\":\"$identity\",\"resourceId\":\"$graph\",\"appRoleId\":\"$role\"}" --output none
	echo "granted $permission"
done
