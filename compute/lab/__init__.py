"""The induction lab: scores on random repeated tokens, their nulls, and what ablation changes."""
