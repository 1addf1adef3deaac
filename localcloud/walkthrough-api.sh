# A researcher opens an import request ...
API=http://127.0.0.1:7071/api
WS=$(build/localcloud workspace genomics)
AS() { echo "Authorization: Bearer $(build/localcloud token --as "$1" --workspace genomics)"; }
ID=$(curl -sS -H "$(AS researcher)" -H 'Content-Type: application/json' "$API/workspaces/$WS/requests" \
  -d '{"type":"import","title":"Reference data","businessJustification":"Needed for the analysis"}' \
  | grep -o '"id":"[^"]*"' | head -1 | cut -d'"' -f4)

# ... uploads a file with a link that lives for an hour, and submits.
LINK=$(curl -sS -X POST -H "$(AS researcher)" "$API/workspaces/$WS/requests/$ID/link" \
  | grep -o '"containerUrl":"[^"]*"' | cut -d'"' -f4)
echo 'gene,count' > data.csv
curl -sS -T data.csv -H 'x-ms-blob-type: BlockBlob' "${LINK/\?//data.csv?}"
curl -sS -X POST -H "$(AS researcher)" "$API/workspaces/$WS/requests/$ID/submit" | grep -o '"status":"[a-z_]*"'

# The files move and are scanned; then an airlock manager decides. The requestor cannot.
until curl -sS -H "$(AS manager)" "$API/workspaces/$WS/requests/$ID" | grep -q '"status":"in_review"'; do sleep 0.2; done
curl -sS -H "$(AS manager)" -H 'Content-Type: application/json' "$API/workspaces/$WS/requests/$ID/review" \
  -d '{"approval":true,"decisionExplanation":"Public data"}' | grep -o '"status":"[a-z_]*"'

# The data is in the workspace; what happened can be proven.
until curl -sS -H "$(AS researcher)" "$API/workspaces/$WS/requests/$ID" | grep -q '"status":"approved"'; do sleep 0.2; done
curl -sS -X POST -H "$(AS researcher)" "$API/workspaces/$WS/requests/$ID/link" | grep -o '"permission":"[a-z]*"'
curl -sS -H "$(AS manager)" "$API/workspaces/$WS/requests/$ID/history" | grep -o '"verification":{[^}]*}'
build/localcloud mail
