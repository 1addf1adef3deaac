#!/usr/bin/env bash
# Sends one request through the whole airlock and says what became of it: the check that uploads, copies, events, scanning
# and states work together. You need the workspace's researcher role.
#
#   ./canary.sh API_URL WORKSPACE_ID WORKSPACE_CLIENT_ID clean   ends in in_review; approve or cancel it
#   ./canary.sh API_URL WORKSPACE_ID WORKSPACE_CLIENT_ID eicar   ends in blocked_by_scan
set -euo pipefail
api=${1:?API URL} workspace=${2:?workspace id} client_id=${3:?workspace client id} what=${4:?clean or eicar}
case $what in
clean) content='the canary sings' expected=in_review ;;
eicar) content='X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-'"STANDARD-ANTIVIRUS-TEST-FILE!"'$H+H*' expected=blocked_by_scan ;;
*) echo "last argument: clean or eicar" >&2; exit 1 ;;
esac

# CANARY_TOKEN of your own is taken where there is no Azure CLI.
token=${CANARY_TOKEN:-$(az account get-access-token --scope "api://$client_id/.default" --query accessToken --output tsv)}
call() {
	curl --silent --show-error --fail-with-body --max-time 30 --header "Authorization: Bearer $token" --header 'Content-Type: application/json' "$@"
}
requests=$api/workspaces/$workspace/requests

id=$(call --data "{\"type\":\"import\",\"title\":\"Canary ($what)\",\"businessJustification\":\"Check of the airlock after a change\"}" "$requests" | jq -r .airlockRequest.id)
echo "request $id made"
link=$(call --request POST "$requests/$id/link" | jq -r .containerUrl)
curl --silent --show-error --fail-with-body --request PUT --data-raw "$content" --header 'x-ms-blob-type: BlockBlob' \
	--header 'Content-Type: text/plain' "${link%%\?*}/canary-$what.txt?${link#*\?}"
echo "file uploaded through the link"
call --request POST "$requests/$id/submit" >/dev/null
echo "submitted, waiting for $expected (a scan takes up to some minutes)"

for _ in $(seq 120); do
	sleep 5
	answer=$(call "$requests/$id")
	status=$(jq -r .airlockRequest.status <<<"$answer")
	case $status in
	"$expected")
		echo "OK: $status"
		exit 0
		;;
	submitted | blocking_in_progress) ;;
	*) break ;;
	esac
done
echo "NOT OK: $status, expected $expected: $(jq -r '.airlockRequest.statusMessage // ""' <<<"$answer"); see docs/RUNBOOK.md" >&2
exit 1
