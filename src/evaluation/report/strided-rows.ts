/** Thins the rows of a long series for drawing: running sums and means need no more. */

/**
 * Every k-th row number of `0..count - 1`, the first and the last always among them.
 *
 * @param most About how many rows are wanted, >= 2.
 */
export function stridedRows(count: number, most: number): readonly number[] {
  const stride = Math.max(1, Math.ceil(count / most))
  const rows: number[] = []
  for (let row = 0; row < count; row += stride) rows.push(row)
  if (count > 0 && rows.at(-1) !== count - 1) rows.push(count - 1)
  return rows
}
