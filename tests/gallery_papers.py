"""What the gallery imports: papers as arXiv tells of them, whose metadata is in the public domain."""

from __future__ import annotations

BIB = r"""
@article{katharopoulos2020transformers,
  title={Transformers are {RNN}s: Fast Autoregressive Transformers with Linear Attention},
  author={Katharopoulos, Angelos and Vyas, Apoorv and Pappas, Nikolaos and Fleuret, Fran{\c{c}}ois},
  year={2020}, eprint={2006.16236}, archivePrefix={arXiv}, journal={ICML},
  abstract={Transformers achieve remarkable performance in several tasks but due to their quadratic complexity,
    with respect to the input's length, they are prohibitively slow for very long sequences. To address this
    limitation, we express the self-attention as a linear dot-product of kernel feature maps and make use of
    the associativity property of matrix products to reduce the complexity from $\mathcal{O}(N^2)$ to
    $\mathcal{O}(N)$, where $N$ is the sequence length. We show that this formulation permits an iterative
    implementation that dramatically accelerates autoregressive transformers and reveals their relationship
    to recurrent neural networks. Our linear transformers achieve similar performance to vanilla transformers
    and they are up to 4000x faster on autoregressive prediction of very long sequences.}}
@article{wang2020linformer,
  title={Linformer: Self-Attention with Linear Complexity},
  author={Wang, Sinong and Li, Belinda Z. and Khabsa, Madian and Fang, Han and Ma, Hao},
  year={2020}, eprint={2006.04768}, archivePrefix={arXiv}, journal={arXiv},
  abstract={Large transformer models have shown extraordinary success in achieving state-of-the-art results in
    many natural language processing applications. However, training and deploying these models can be
    prohibitively costly for long sequences, as the standard self-attention mechanism of the Transformer uses
    $O(n^2)$ time and space with respect to sequence length. In this paper, we demonstrate that the
    self-attention mechanism can be approximated by a low-rank matrix.}}
@article{vaswani2017attention,
  title={Attention Is All You Need}, author={Vaswani, Ashish and Shazeer, Noam and Parmar, Niki and
    Uszkoreit, Jakob and Jones, Llion and Gomez, Aidan N. and Kaiser, {\L}ukasz and Polosukhin, Illia},
  year={2017}, eprint={1706.03762}, archivePrefix={arXiv}, journal={NeurIPS},
  abstract={We propose a new simple network architecture, the Transformer, based solely on attention
    mechanisms, dispensing with recurrence and convolutions entirely.}}
@misc{untitled, author={Nobody}, abstract={A record that lacks its title.}}
"""
"""Three papers, and a record that is refused."""
