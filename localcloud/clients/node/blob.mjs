// blob.mjs VERB LINK [NAME [FILE]]: one call of the Azure SDK for JavaScript with a container link.
// A refusal prints the service's error code and exits with 1.
import { ContainerClient } from '@azure/storage-blob';

const [verb, link, name, file] = process.argv.slice(2);
const container = new ContainerClient(link);
const blockSize = 4 * 1024 * 1024; // several blocks even for a small file

const verbs = {
  upload: () => container.getBlockBlobClient(name).uploadFile(file, { blockSize, maxSingleShotSize: blockSize }),
  download: () => container.getBlobClient(name).downloadToFile(file),
  delete: () => container.deleteBlob(name),
  list: async () => {
    for await (const blob of container.listBlobsFlat()) console.log(blob.name);
  },
};

try {
  await verbs[verb]();
} catch (error) {
  console.error(error.code ?? error.details?.errorCode ?? error);
  process.exit(1);
}
