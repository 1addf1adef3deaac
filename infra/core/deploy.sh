#!/usr/bin/env bash
# Deploys the package and waits until the host knows its functions; called by app.tf, which sets the variables. Subscriptions
# come next: Azure refuses one to a function it does not know, and the blob webhook's key is made by the host when it first
# loads the blob extension.
set -euo pipefail
: "${PLAN:?}" "${SUBSCRIPTION:?}" "${GROUP:?}" "${APP:?}" "${APP_ID:?}" "${MINUTES:?}" "${UPLOAD_SECONDS:?}"
app=(--subscription "$SUBSCRIPTION" --resource-group "$GROUP" --name "$APP" --only-show-errors)
az() { timeout "${AZ_SECONDS:-120}" az "$@"; } # nothing else ends a call that hangs: local-exec has no limit of its own

if [ "$PLAN" = premium ]; then # the package is a setting there; the host is asked to look at its functions again
	az rest --only-show-errors --output none --method post --url "https://management.azure.com$APP_ID/syncfunctiontriggers?api-version=2023-12-01"
elif [ -n "${PACKAGE:-}" ]; then
	# After the upload the CLI asks https://APP/admin/host/status from this machine until the app answers, some versions for ever:
	# this machine's address must be let in where api_ip_ranges is set (deployer_ip_ranges).
	AZ_SECONDS=$UPLOAD_SECONDS az functionapp deployment source config-zip "${app[@]}" --output none --src "$PACKAGE" || {
		echo "the package was not deployed to $APP within $UPLOAD_SECONDS seconds, or its host did not answer this machine: with" \
			"api_ip_ranges this machine's address belongs in deployer_ip_ranges (docs/DEPLOY.md); then apply again" >&2
		exit 1
	}
else
	echo "no package_path: waiting for somebody to deploy the package to $APP"
fi

until=$((SECONDS + MINUTES * 60))
while ((SECONDS < until)); do
	key=$(az functionapp keys list "${app[@]}" --query systemKeys.blobs_extension --output tsv 2>/dev/null || true)
	function=$(az functionapp function list "${app[@]}" --query "[?ends_with(name, '/OnBlobCreated')].name | [0]" --output tsv 2>/dev/null || true)
	if [ -n "$key" ] && [ -n "$function" ]; then exit 0; fi
	sleep 15
done
echo "after $MINUTES minutes $APP still does not know its functions: see its log stream, then apply again" >&2
exit 1
