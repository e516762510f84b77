"""Side-by-side benchmarks and long proofs; each prints its ratios and keeps its raw figures under docs/proof/."""
