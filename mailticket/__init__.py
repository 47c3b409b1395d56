"""A company's support desk run entirely over email, as one Linux service."""

__version__ = "0.4.0"
