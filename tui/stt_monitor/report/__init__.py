"""What sessions came to, as files for other programs and other people. Pure: pictures of sessions in, text out."""
