#!/usr/bin/env bash
# Deploys the package and waits until the host knows its functions; called by app.tf, which sets the variables. Subscriptions
# come next: Azure refuses one to a function it does not know, and the blob webhook's key is made by the host when it first
# loads the blob extension.
set -euo pipefail
: "${PLAN:?}" "${SUBSCRIPTION:?}" "${GROUP:?}" "${APP:?}" "${APP_ID:?}" "${MINUTES:?}"
app=(--subscription "$SUBSCRIPTION" --resource-group "$GROUP" --name "$APP" --only-show-errors)

if [ "$PLAN" = premium ]; then # the package is a setting there; the host is asked to look at its functions again
	az rest --only-show-errors --output none --method post --url "https://management.azure.com$APP_ID/syncfunctiontriggers?api-version=2023-12-01"
elif [ -n "${PACKAGE:-}" ]; then
	az functionapp deployment source config-zip "${app[@]}" --output none --src "$PACKAGE"
else
	echo "no package_path: waiting for somebody to deploy the package to $APP"
fi

for ((waited = 0; waited < MINUTES * 60; waited += 15)); do
	key=$(az functionapp keys list "${app[@]}" --query systemKeys.blobs_extension --output tsv 2>/dev/null || true)
	function=$(az functionapp function list "${app[@]}" --query "[?ends_with(name, '/OnBlobCreated')].name | [0]" --output tsv 2>/dev/null || true)
	if [ -n "$key" ] && [ -n "$function" ]; then exit 0; fi
	sleep 15
done
echo "after $MINUTES minutes $APP still does not know its functions: see its log stream, then apply again" >&2
exit 1
