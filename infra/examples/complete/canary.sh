#!/usr/bin/env bash
# Sends one request through the whole airlock and says what became of it: the check that uploads, copies, events, scanning
# and states work together. You need the workspace's researcher role, and for approve somebody else its airlock manager role.
#
#   ./canary.sh API_URL WORKSPACE_ID WORKSPACE_CLIENT_ID clean        an import; ends in in_review
#   ./canary.sh API_URL WORKSPACE_ID WORKSPACE_CLIENT_ID eicar        an import; ends in blocked_by_scan
#   ./canary.sh API_URL WORKSPACE_ID WORKSPACE_CLIENT_ID large        an import of 300 MiB; ends in in_review
#   ./canary.sh API_URL WORKSPACE_ID WORKSPACE_CLIENT_ID export       an export; ends in in_review
#   ./canary.sh API_URL WORKSPACE_ID WORKSPACE_CLIENT_ID large-export an export of 300 MiB; ends in in_review
#   ./canary.sh API_URL WORKSPACE_ID WORKSPACE_CLIENT_ID approve ID   somebody else approves one of these; ends in approved
#
# Only the workspace's network reaches an export's draft. So the file of an export is uploaded by a Linux machine with curl
# in that network, through its agent: CANARY_VM=RESOURCE_GROUP/NAME. It needs no way in; out, its agent
# needs Azure's own addresses (443).
set -euo pipefail
api=${1:?API URL} workspace=${2:?workspace id} client_id=${3:?workspace client id} what=${4:?clean, eicar, large, export, large-export or approve}
type=import content='the canary sings' mib=0 tries=120 expected=in_review
case $what in
clean) ;;
large | large-export) mib=300 tries=360 ;;&
eicar) content='X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-'"STANDARD-ANTIVIRUS-TEST-FILE!"'$H+H*' expected=blocked_by_scan ;;
large) ;;
export | large-export) type=export vm=${CANARY_VM:?RESOURCE_GROUP/NAME of a machine in the workspace\'s network} ;;
approve) id=${5:?id of the request} expected=approved ;;
*) echo "fourth argument: clean, eicar, large, export, large-export or approve" >&2; exit 1 ;;
esac

# CANARY_TOKEN of your own is taken where there is no Azure CLI.
token=${CANARY_TOKEN:-$(timeout 120 az account get-access-token --scope "api://$client_id/.default" --query accessToken --output tsv)}
call() {
	curl --silent --show-error --fail-with-body --max-time 30 --header "Authorization: Bearer $token" --header 'Content-Type: application/json' "$@"
}
requests=$api/workspaces/$workspace/requests

# upload URL: the commands that write the file, behind it so many MiB of zeros, and send it; curl ends by itself if it stands still.
upload() {
	cat <<-SCRIPT
		set -eu
		file=\$(mktemp)
		trap 'rm -f "\$file"' EXIT
		printf %s '$content' >"\$file"
		head -c $((mib << 20)) /dev/zero >>"\$file"
		curl --silent --show-error --fail-with-body --max-time 1800 --speed-limit 1000 --speed-time 60 --write-out ' answered-%{http_code}' \
			--upload-file "\$file" --header 'x-ms-blob-type: BlockBlob' --header 'Content-Type: text/plain' '$1'
	SCRIPT
}

# upload_inside URL: the same, made by the machine in the workspace's network. Its answer shows what curl said.
upload_inside() {
	timeout 2000 az vm run-command invoke --resource-group "${vm%%/*}" --name "${vm#*/}" --command-id RunShellScript --query 'value[0].message' --output tsv \
		--scripts "$(upload "$1")"
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
		answer=$(upload_inside "$blob")
	else
		answer=$(upload "$blob" | bash)
	fi
	[[ $answer == *answered-201* ]] || { echo "the upload failed: $answer" >&2; exit 1; }
	echo "file uploaded through the link"
	call --request POST "$requests/$id/submit" >/dev/null
	echo "submitted, waiting for $expected (a scan takes up to some minutes)"
fi

for _ in $(seq "$tries"); do
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
