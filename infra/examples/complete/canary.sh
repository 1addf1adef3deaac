#!/usr/bin/env bash
# Sends one request through the whole airlock and says what became of it: the check that uploads, copies, events, scanning
# and states work together. You need the workspace's researcher role, and for approve somebody else its airlock manager role.
#
#   ./canary.sh API_URL WORKSPACE_ID WORKSPACE_CLIENT_ID clean        an import; ends in in_review
#   ./canary.sh API_URL WORKSPACE_ID WORKSPACE_CLIENT_ID eicar        an import; ends in blocked_by_scan
#   ./canary.sh API_URL WORKSPACE_ID WORKSPACE_CLIENT_ID export       an export; ends in in_review
#   ./canary.sh API_URL WORKSPACE_ID WORKSPACE_CLIENT_ID approve ID   somebody else approves one of these; ends in approved
#
# Only the workspace's network reaches an export's draft. So the file of an export is uploaded by a Linux machine with curl
# in that network, through its agent: CANARY_VM=RESOURCE_GROUP/NAME. It needs no way in; out, its agent
# needs Azure's own addresses (443).
set -euo pipefail
api=${1:?API URL} workspace=${2:?workspace id} client_id=${3:?workspace client id} what=${4:?clean, eicar, export or approve}
type=import content='the canary sings' expected=in_review
case $what in
clean) ;;
eicar) content='X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-'"STANDARD-ANTIVIRUS-TEST-FILE!"'$H+H*' expected=blocked_by_scan ;;
export) type=export vm=${CANARY_VM:?RESOURCE_GROUP/NAME of a machine in the workspace\'s network} ;;
approve) id=${5:?id of the request} expected=approved ;;
*) echo "fourth argument: clean, eicar, export or approve" >&2; exit 1 ;;
esac

# CANARY_TOKEN of your own is taken where there is no Azure CLI.
token=${CANARY_TOKEN:-$(az account get-access-token --scope "api://$client_id/.default" --query accessToken --output tsv)}
call() {
	curl --silent --show-error --fail-with-body --max-time 30 --header "Authorization: Bearer $token" --header 'Content-Type: application/json' "$@"
}
requests=$api/workspaces/$workspace/requests

# upload_inside URL: the same upload, made by the machine in the workspace's network. Its answer shows what curl said.
upload_inside() {
	local answer
	answer=$(az vm run-command invoke --resource-group "${vm%%/*}" --name "${vm#*/}" --command-id RunShellScript --query 'value[0].message' --output tsv \
		--scripts "curl --silent --show-error --max-time 60 --write-out ' answered-%{http_code}' --request PUT --data-raw '$content' --header 'x-ms-blob-type: BlockBlob' --header 'Content-Type: text/plain' '$1'")
	[[ $answer == *answered-201* ]] || { echo "the upload from $vm failed: $answer" >&2; exit 1; }
}

if [ "$what" = approve ]; then
	call --data '{"approval":true,"decisionExplanation":"Check of the airlock after a change"}' "$requests/$id/review" >/dev/null
	echo "approved, waiting for $expected (the copy to where the file goes)"
else
	id=$(call --data "{\"type\":\"$type\",\"title\":\"Canary ($what)\",\"businessJustification\":\"Check of the airlock after a change\"}" "$requests" | jq -r .airlockRequest.id)
	echo "request $id made"
	link=$(call --request POST "$requests/$id/link" | jq -r .containerUrl)
	blob="${link%%\?*}/canary-$what.txt?${link#*\?}"
	if [ "$type" = export ]; then
		upload_inside "$blob"
	else
		curl --silent --show-error --fail-with-body --request PUT --data-raw "$content" --header 'x-ms-blob-type: BlockBlob' \
			--header 'Content-Type: text/plain' "$blob"
	fi
	echo "file uploaded through the link"
	call --request POST "$requests/$id/submit" >/dev/null
	echo "submitted, waiting for $expected (a scan takes up to some minutes)"
fi

for _ in $(seq 120); do
	sleep 5
	answer=$(call "$requests/$id")
	status=$(jq -r .airlockRequest.status <<<"$answer")
	case $status in
	"$expected")
		echo "OK: $status"
		exit 0
		;;
	submitted | blocking_in_progress | approval_in_progress) ;;
	*) break ;;
	esac
done
echo "NOT OK: $status, expected $expected: $(jq -r '.airlockRequest.statusMessage // ""' <<<"$answer"); see docs/RUNBOOK.md" >&2
exit 1
