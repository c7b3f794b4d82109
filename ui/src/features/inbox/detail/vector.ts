// A CVSS vector as a person reads it: its version has a column of its own, and metrics that are "not defined"
// (X in v3 and v4, ND in v2) say nothing.
export function statedMetrics(vector: string): string[] {
  return vector
    .replace(/^CVSS:[\d.]+\//, '')
    .replace(/^\(|\)$/g, '')
    .split('/')
    .filter((metric) => metric !== '' && !/:(X|ND)$/.test(metric));
}
