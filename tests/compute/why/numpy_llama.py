"""A Llama of two layers in plain NumPy, of which every step can be held: what algebra says."""

import numpy as np

EPS = 1e-6


class Llama:
    """The weights of a `LlamaForCausalLM`, and its passes with heads' outputs as they are given."""

    def __init__(self, net):
        self.config = net.config
        self.w = {name: p.detach().double().numpy() for name, p in net.named_parameters()}
        self.heads, self.groups = net.config.num_attention_heads, net.config.num_key_value_heads
        self.size = net.config.hidden_size // self.heads

    def of(self, layer: int, name: str) -> np.ndarray:
        return self.w[f"model.layers.{layer}.{name}.weight"]

    def norm(self, x, weight, like=None):
        """Return x normalised by the statistics of another stream, its own by default."""
        like = x if like is None else like
        return weight * x / np.sqrt((like**2).mean(-1, keepdims=True) + EPS)

    def rotate(self, x):
        """Return vectors (T, D) turned by their places."""
        half = self.size // 2
        angles = np.arange(len(x))[:, None] / 10000.0 ** (np.arange(half) / half)
        cos, sin = (np.tile(f(angles), 2) for f in (np.cos, np.sin))
        return x * cos + np.concatenate([-x[:, half:], x[:, :half]], 1) * sin

    def side(self, x, layer: int, head: int, name: str) -> np.ndarray:
        """Return what normalised vectors give to a head's queries (``q_proj``) or keys, (T, D)."""
        own = head if name == "q_proj" else head // (self.heads // self.groups)
        rows = self.of(layer, f"self_attn.{name}")[own * self.size : (own + 1) * self.size]
        return self.rotate(x @ rows.T)

    def outputs(self, x, layer: int) -> np.ndarray:
        """Return heads' outputs (T, H, D) of a layer that gets a stream."""
        made = self.norm(x, self.of(layer, "input_layernorm"))
        length = len(x)
        hidden = np.triu(np.full((length, length), -np.inf), 1)
        found = []
        for head in range(self.heads):
            q, k = (self.side(made, layer, head, name) for name in ("q_proj", "k_proj"))
            logits = q @ k.T / self.size**0.5 + hidden
            weights = np.exp(logits - logits.max(1, keepdims=True))
            own = head // (self.heads // self.groups)
            rows = self.of(layer, "self_attn.v_proj")[own * self.size : (own + 1) * self.size]
            found.append(weights / weights.sum(1, keepdims=True) @ (made @ rows.T))
        return np.stack(found, 1)

    def written(self, z, layer: int) -> np.ndarray:
        """Return what each head's output adds to the stream, (H, T, width)."""
        weight = self.of(layer, "self_attn.o_proj").reshape(-1, self.heads, self.size)
        return np.einsum("the,whe->htw", z, weight)

    def mlp(self, x, layer: int) -> np.ndarray:
        made = self.norm(x, self.of(layer, "post_attention_layernorm"))
        gate, up = (made @ self.of(layer, f"mlp.{name}_proj").T for name in ("gate", "up"))
        return (gate / (1 + np.exp(-gate)) * up) @ self.of(layer, "mlp.down_proj").T

    def sources(self, ids, without: int | None = None) -> dict[str, np.ndarray]:
        """Return what stands in the stream before layer 1: of tokens, heads and MLP of layer 0.

        A head that is left out gives its mean over the places.
        """
        token = self.w["model.embed_tokens.weight"][ids]
        z = self.outputs(token, 0)
        if without is not None:
            z[:, without] = z[:, without].mean(0)
        heads = self.written(z, 0)
        return {"token": token, "heads": heads, "mlp": self.mlp(token + heads.sum(0), 0)}


def contrast(q, k, i: int, j: int) -> float:
    """Return q·k of an edge less the mean over the keys up to i, scaled."""
    logits = q[i] @ k[: i + 1].T / q.shape[1] ** 0.5
    return float(logits[j] - logits.mean())
