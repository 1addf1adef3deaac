"""blob.py VERB LINK [NAME [FILE]]: one call of the Azure SDK for Python with a container link.

A refusal prints the service's error code and exits with 1.
"""

import sys

from azure.core.exceptions import HttpResponseError
from azure.storage.blob import ContainerClient

BLOCK = 4 * 1024 * 1024  # several blocks even for a small file


def upload(container, name, file):
    with open(file, "rb") as data:
        container.upload_blob(name, data, overwrite=True, max_concurrency=4)


def download(container, name, file):
    with open(file, "wb") as out:
        container.download_blob(name, max_concurrency=4).readinto(out)


def delete(container, name):
    container.delete_blob(name)


def list_names(container):
    for blob in container.list_blobs():
        print(blob.name)


VERBS = {"upload": upload, "download": download, "delete": delete, "list": list_names}

verb, link, *rest = sys.argv[1:]
try:
    with ContainerClient.from_container_url(link, max_block_size=BLOCK, max_single_put_size=BLOCK) as client:
        VERBS[verb](client, *rest)
except HttpResponseError as error:
    sys.exit(str(error.error_code))
