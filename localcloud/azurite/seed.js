// Preloaded with `node -r seed.js azurite.js`. Azurite derives user delegation keys from a constant in its source, so
// anybody can forge them. The storage front has keys of its own; here Azurite's become unguessable, and only account keys
// still open its ports. If the constant is gone after an upgrade, this throws and the start fails.
const path = require("path");
const constants = require(path.join(path.dirname(path.resolve(process.argv[1])), "blob/utils/constants"));
if (!constants.USERDELEGATIONKEY_SIGNING_SEED) throw new Error("seed.js does not fit this Azurite");
constants.USERDELEGATIONKEY_SIGNING_SEED = require("crypto").randomBytes(32);

// Azurite looks at every row of a table for every query, and sorts what fits; Table Storage reads the stretch of its one
// index that the filter names. So that what is measured here grows as it does in Azure, a query of one partition and a
// stretch of its row keys is answered from the index Azurite keeps on row keys anyway. Any other query goes its old way.
const tables = path.join(path.dirname(path.resolve(process.argv[1])), "table/persistence");
const store = require(path.join(tables, "LokiTableMetadataStore")).default.prototype;
const generator = require(path.join(tables, "LokiTableStoreQueryGenerator")).default;
const scan = store.queryTableEntities;
if (!scan || !generator.generateQueryForPersistenceLayer || !store.getMaxResultsOption) throw new Error("seed.js does not fit this Azurite");
const stretch = /^PartitionKey eq '([^']*)' and RowKey ge '([^']*)' and RowKey lt '([^']*)'(?: and |$)/;
store.queryTableEntities = async function (context, account, table, options, nextPartition, nextRow) {
  const bounds = stretch.exec(options.filter || "");
  const rows = bounds && this.getEntityCollection(account, table, context);
  const index = rows && rows.binaryIndices.RowKey;
  if (!index) return scan.call(this, context, account, table, options, nextPartition, nextRow);
  const fits = generator.generateQueryForPersistenceLayer(options, context);
  const [, partition, from, to] = bounds;
  const max = this.getMaxResultsOption(options);
  const next = nextRow === undefined ? "" : this.decodeContinuationHeader(nextRow);
  const begin = next > from ? next : from;
  rows.ensureIndex("RowKey"); // sorts it again if a removal made it dirty
  const order = rows.binaryIndices.RowKey.values;
  let low = 0, high = order.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows.data[order[middle]].RowKey < begin) low = middle + 1; else high = middle;
  }
  const found = [];
  for (; low < order.length && found.length <= max; low++) {
    const row = rows.data[order[low]];
    if (row.RowKey >= to) break;
    if (row.PartitionKey === partition && fits(row)) found.push(row);
  }
  const response = this.adjustQueryResultforTop(found, max);
  return [found, response.nextPartitionKeyResponse, response.nextRowKeyResponse];
};
