"""Links that somebody sent: a model that they name is opened only when the person says so.

``asking`` has the question and the refusal of the server; assets/page/strangers.js holds back what
the address asks for until it is answered.
"""
