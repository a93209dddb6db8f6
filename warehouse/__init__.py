"""What readers see: the SQL (views, checks), and the reader that opens what is published."""
