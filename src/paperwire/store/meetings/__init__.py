"""Journal clubs: when places meet, over which papers, and who presents them."""
