# A researcher signs in and brings a file into a workspace: opens a request, uploads, submits, waits for the scan.
build/airlock login http://127.0.0.1:7071/api -w genomics --token-command 'build/localcloud token --as researcher --workspace {workspace}'
echo 'gene,count' > data.csv
build/airlock new import --title "Reference data" --reason "Needed for the analysis" data.csv --submit --wait

# An airlock manager looks at it and decides. The researcher cannot.
build/airlock login http://127.0.0.1:7071/api -w genomics --name manager --token-command 'build/localcloud token --as manager --workspace {workspace}'
build/airlock review @last --approve --reason "Public data" --yes

# The researcher has the file, verified against the signed receipt; what happened can be proven, and people were told.
build/airlock download @last released --context local
build/airlock history @last --verify
build/localcloud mail
