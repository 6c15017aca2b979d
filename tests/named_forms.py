"""The ways in which people name one paper, 2601.00001."""

FORMS = (
    "2601.00001",
    "arXiv:2601.00001v2",
    "https://arxiv.org/abs/2601.00001v1",
    "arxiv.org/pdf/2601.00001v3.pdf",
    "https://huggingface.co/papers/2601.00001",
    "www.alphaxiv.org/abs/2601.00001",
    "https://doi.org/10.48550/arXiv.2601.00001",
    "10.48550/arXiv.2601.00001",
    "(arXiv:2601.00001).",
    "https://www.semanticscholar.org/arxiv/2601.00001",
)
