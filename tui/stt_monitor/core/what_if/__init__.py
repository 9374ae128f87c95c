"""What other turn settings would have done, told from the likelihood of a session that ran: no service is asked."""
