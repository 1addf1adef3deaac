"""Writes the samples beside it: python3 make.py (with pyarrow 26.0.1 and pandas 3.1.1)."""
import bz2

import pandas as pd
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.ipc as ipc
import pyarrow.parquet as pq

people = pd.DataFrame({"patient_id": range(1000, 1040), "surname": ["Lee", "Diaz"] * 20, "age": [20 + i for i in range(40)]}, index=pd.Index([f"k{i}" for i in range(40)], name="key"))
counts = pa.table({"region": ["North", "South", "East"], "patients": [120, 3, 45]})
pq.write_table(pa.Table.from_pandas(people), "people.parquet", row_group_size=25)
pq.write_table(counts, "plain.parquet", compression="none", write_statistics=False, store_schema=False)
feather.write_feather(people, "people.feather", compression="uncompressed", chunksize=25)
feather.write_feather(counts.to_pandas(), "old.feather", version=1)

rows = "patient_id,sex,n_visits\n" + "".join(f"{700000 + i * 37},{'FM'[i % 2]},{i % 30}\n" for i in range(14000))
with open("rows.csv.bz2", "wb") as f:  # two streams of several blocks, and something behind them
    f.write(bz2.compress(rows[:150000].encode(), 1) + bz2.compress(rows[150000:].encode(), 1) + b"rows behind")
