"""What attackers write: published corpora, a list of our own, and the page that renders them."""
