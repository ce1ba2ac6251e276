"""Experts: a teacher understood from its answers, and many of them asked as one.

A label mixes what several teachers say, and another mixture at each molecule: nothing simple explains it. What *one*
teacher says is simpler, and if it adds up over public features, its answers to the transfer set determine it. So each
teacher is understood by itself, and so is how near a molecule is to what it knows; the consortium's rules then combine
the experts at any molecule as they combine teachers at the transfer molecules.
"""
